"""What the server has learned and keeps over a restart: losing it costs nothing but the knowledge."""
