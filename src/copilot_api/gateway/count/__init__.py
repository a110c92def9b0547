"""How many tokens a request has: asked of Copilot where it counts, estimated here where it does not."""
