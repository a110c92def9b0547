"""The road to GitHub and Copilot: which hosts may see a bearer, through which proxy, with which certificates."""
