"""The rep's page: what the store of published scores has, shown to those whose it is.

It knows the store and nothing else: no model, no company table. A page cannot fail because of a model.
"""
