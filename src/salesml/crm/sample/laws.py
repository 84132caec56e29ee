"""The laws of the simulated company: every number that its equations use.

``docs/simulated-company.md`` writes the equations out. Effects are on the log of a rate.
"""

from __future__ import annotations

import numpy as np

INDUSTRIES = (
    "manufacturing", "retail", "logistics", "health", "construction", "software", "finance", "education",
)  # fmt: skip
COUNTRIES = ("GB", "IE", "DE", "FR", "NL")
SOURCES = ("web", "fair", "referral", "partner", "cold list")
BANDS = (10, 50, 200, 1000)
"""Edges of the bands of employees."""

SHARES = {
    "industry": (0.18, 0.2, 0.12, 0.12, 0.12, 0.1, 0.08, 0.08),
    "country": (0.5, 0.1, 0.15, 0.15, 0.1),
    "source": (0.35, 0.15, 0.12, 0.13, 0.25),
}

# Winning and losing a prospect, per working day.
WIN = -7.2
WIN_INDUSTRY = np.array([0.3, -0.3, 0.3, 0.2, -0.6, 0.6, 0.0, -0.8])
WIN_BAND = np.array([-0.7, -0.1, 0.5, 0.3, -0.4])
WIN_COUNTRY = np.array([0.2, 0.1, -0.2, -0.5, 0.0])
WIN_SOURCE = np.array([0.0, 0.1, 0.9, 0.5, -0.8])
WIN_COMPANY_AGE = -0.25
"""Per unit of the standardised logarithm of the company's age."""
WIN_PAIR = 0.8
"""Manufacturers of 50 to 199 people, besides what each alone brings."""
WIN_HIDDEN = 0.55
"""Per unit of the hidden need."""
WIN_ANSWERED = 0.5
"""Of a prospect that was answered at once, besides its first contact; where practices are planted."""
WIN_MARKET = 0.12
WIN_SEASON = np.array([0.1, 0.1, 0.15, 0.0, 0.0, -0.05, -0.25, -0.3, 0.15, 0.15, 0.1, -0.2])
AGE_DAYS = np.array([30, 90, 180, 365])
WIN_AGE = np.array([0.0, 0.25, 0.0, -0.5, -1.1])
LOSE = -6.5
LOSE_BAND = np.array([0.3, 0.1, 0.0, -0.1, -0.2])
LOSE_SOURCE = np.array([0.1, 0.0, -0.4, -0.2, 0.3])
LOSE_AGE = np.array([-0.6, 0.0, 0.2, 0.2, -0.3])
LOSE_HIDDEN = -0.35

# Contact with a prospect, per working day; and what it does.
CONTACT = -4.9
CONTACT_SOURCE = np.array([0.1, 0.0, 0.4, 0.2, -0.3])
CONTACT_SIZE = 0.2
"""Per unit of the standardised logarithm of employees: reps like large names."""
CONTACT_HIDDEN = 0.5
CONTACT_BUSY = -0.4
"""Per step of the rep's workload."""
CONTACT_TASTE = 0.8
CONTACT_PUSHY = 0.35
CONTACT_EFFECT = 0.75
CONTACT_EFFECT_SOURCE = np.array([0.0, 0.2, -0.35, -0.2, 0.35])
CONTACT_EFFECT_SIZE = 0.15
CONTACT_CURVE = np.array([0.0, 1.0, 1.6, 1.9, 2.0])
"""How much of its effect so many contacts have; more than four are as good as four."""
HOUR_COST = 45.0
HOURS_CALL, HOURS_VISIT, HOURS_ABROAD = 0.4, 2.0, 2.0
VISITED, VISITED_SIZE = -1.5, 0.9
"""Log-odds that a contact is a visit."""
VISIT = -3.4
VISIT_HIDDEN = 0.55
VISIT_SOURCE = np.array([0.5, 0.0, 0.0, 0.1, -0.5])
BUDGET_KNOWN, BUDGET_KNOWN_HIDDEN = 0.4, 0.6
"""Log-odds that the budget is known: more often where the need is great."""

# What nobody records.
HIDDEN = np.array([-1.6, -0.8, 0.0, 0.8, 1.6])
HIDDEN_PRIOR = np.array([0.08, 0.24, 0.36, 0.24, 0.08])
KINDS = ("ordinary", "skilled", "pushy")
KIND_SHARES = np.array([0.5, 0.3, 0.2])
SKILL = np.array([0.0, 0.45, 0.25])
"""What a rep's kind adds to the log rate of winning."""
PUSHY = np.array([0.0, 0.0, 1.0])
TASTE_SHARE = 0.3
BUSY = np.array([-1.0, 0.0, 1.0])
BUSY_PRIOR = np.array([0.3, 0.4, 0.3])

# What some reps do, where practices are planted.
PROMPT_SHARE = 0.4
"""Share of reps who answer promptly, whatever their kind."""
ANSWERED = np.array([0.2, 0.7])
"""Chance that a new prospect is answered at once: by others, by prompt reps."""
TAKEN_UP = 9
"""So many months before the end the first ten reps of a block all begin to answer promptly."""
EMAILED = np.array([0.3, 0.8, 0.3])
"""Share of e-mails among contacts that are no visits, by kind of rep: it does nothing."""

# What an account is worth.
FIT_INDUSTRY = np.array([0.5, -0.2, 0.2, 0.4, -0.7, 0.1, 0.3, -0.5])
FIT_SOURCE = np.array([-0.1, 0.0, 0.5, 0.2, -0.4])
FIT_COUNTRY = np.array([0.1, 0.1, 0.1, -0.2, 0.0])
FIT_COMPANY_AGE = 0.25
FIT_HIDDEN = 0.7
"""Per unit of the hidden quality."""
MONEY = 5.3
MONEY_SIZE = 0.4
MONEY_INDUSTRY = np.array([0.3, -0.2, 0.1, 0.2, 0.0, 0.1, 0.4, -0.4])
MONEY_ACCOUNT, MONEY_ORDER = 0.9, 0.6
"""Standard deviations of the logarithm: between accounts alike, and between orders of one."""
MARGIN_RATE = 0.35
RETURNED = 0.03
DORMANT, DORMANT_FIT = -1.6, -0.9
"""Log-odds that an account never orders."""

# The life of an account, per month.
ORDER, ORDER_FIT, ORDER_SIZE = 0.3, 0.35, 0.15
ORDER_STATE = np.array([1.0, 0.35, 0.0])
"""Content, drifting, dormant."""
ORDER_SEASON = np.array([-0.15, -0.1, 0.05, 0.0, 0.05, 0.0, -0.15, -0.2, 0.1, 0.1, 0.2, 0.1])
TICKET, TICKET_DRIFTING = -1.9, 1.1
LOGIN, LOGIN_STATE = 1.3, np.array([1.0, 0.35, 0.1])
DRIFT = -4.5
DRIFT_FIT = -0.35
DRIFT_INDUSTRY = np.array([-0.2, 0.4, 0.0, -0.3, 0.4, 0.2, -0.2, 0.1])
DRIFT_BAND = np.array([0.9, 0.3, 0.0, -0.3, -0.6])
DRIFT_LATE = 1.1
DRIFT_PRICE = 18.0
"""Per unit of a rise of the price: 0.09 is nine per cent."""
DRIFT_BUSY = 0.3
DRIFT_PUSHY = 1.2
"""In the first twelve months of accounts that a pushy rep won."""
RECOVER, WAKE = 0.08, 0.02
LEAVE = np.array([0.001, 0.14, 0.04])
"""Monthly hazard of leaving by state."""
LATE, LATE_ABROAD = 0.08, 0.06
RISES, RISE_PRIOR = np.array([0.0, 0.04, 0.09]), np.array([0.5, 0.3, 0.2])

# From a month on, where a shift of the market is planted: a rival comes.
SHIFT_ORDER = -0.25
"""It takes a part of everybody's orders."""
SHIFT_LOGIN_STATE = np.array([0.4, 0.5, 0.1])
"""In place of ``LOGIN_STATE``: the content buy at a marketplace, and log in hardly more than the others."""
SHIFT_DRIFT = 1.3
SHIFT_DRIFT_INDUSTRY = -2 * DRIFT_INDUSTRY
SHIFT_DRIFT_BAND = -2 * DRIFT_BAND
"""It courts those who were loyal: industries and sizes trade places."""
FOUND_STATES = np.array([0.86, 0.06, 0.08])
"""The states of accounts that were there from the beginning."""
REFER, REFER_FIT = -4.0, 0.7
PRAISE, PRAISE_FIT = -4.5, 0.6
SERVE = -1.2
"""Log of the activities a month on an account."""
