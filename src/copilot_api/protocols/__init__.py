"""The spokes: one folder per protocol, none of which knows another."""
