"""Messages wire documents into the hub: requests of our clients, answers of the upstream."""
