namespace Gateway.Onboarding;

/// <summary>Another sign-up of the same e-mail address is under way, or may still be: what it makes could not be found yet.</summary>
internal sealed class SignUpUnderWayException() : Exception(
    "A sign-up of this e-mail address is under way, or its last call to Paygentic may still be. Send this one again: it then finds what the other has made.");
