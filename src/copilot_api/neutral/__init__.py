"""The hub: frozen values every protocol is translated into. No clock, no randomness, no I/O."""
