"""Who may go now: pauses, budgets, approvals, rates and slots, in that order (`admission.py`).

Nothing here speaks to Copilot or to clients. A gateway that limits nothing never comes here.
"""
