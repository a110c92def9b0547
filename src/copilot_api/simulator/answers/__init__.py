"""Native replies: one writer per wire protocol, each giving the whole body and the stream's frames."""
