"""Wire to neutral: what Responses clients ask and what a Responses upstream answers."""
