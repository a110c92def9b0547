"""The way back: from upstream's answer to the client."""
