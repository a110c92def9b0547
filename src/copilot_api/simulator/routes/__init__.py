"""HTTP: GitHub's pages, the Copilot API, and the simulator's own control routes."""
