"""What both of OpenAI's protocols spell alike: errors, the probabilities of tokens, caching."""
