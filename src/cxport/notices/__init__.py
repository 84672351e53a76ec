"""Telling the outside: signed webhooks, and mail; where they may go, and how they are sent."""
