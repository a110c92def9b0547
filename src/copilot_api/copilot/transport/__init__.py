"""The road to GitHub and Copilot: which hosts may see a bearer, which proxy, which certificates."""
