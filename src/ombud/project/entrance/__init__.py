"""The pages by which staff come in: the second step, who they are again, their own second factors, the rules."""
