"""Answers in chat's words: upstream's are read, a client's are written; streamed and whole."""

from copilot_api.protocols.chat.answers.reader import ChatReader
from copilot_api.protocols.chat.answers.whole import read_reply, write_reply
from copilot_api.protocols.chat.answers.writer import ChatWriter

__all__ = ["ChatReader", "ChatWriter", "read_reply", "write_reply"]
