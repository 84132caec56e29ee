"""crm.yaml and the tables behind it, read into checked relations."""
