"""Did scoring pay: what came of those on lists and of those not, and how far lots tell why.

Nothing here reads a table or knows MLflow. ``listed`` is the rows of ripe lists; ``contrast`` the difference
of two weighted means, by cluster; ``lottery`` what else lots might have drawn; ``confidence`` an interval of
either; ``residual`` takes off what the score said before lots were drawn. ``rates`` describes, ``effects``
estimates, ``concluded`` says what follows, ``report`` and ``chart`` show it.
"""
