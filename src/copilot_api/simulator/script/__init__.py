"""What the simulated model answers: directives, scripted queues, rules, and whose turn it is."""
