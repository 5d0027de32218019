"""Directories that tell who is there: SCIM 2.0, and the address books of WeCom, DingTalk and Feishu."""
