namespace Gateway.Keys;

/// <summary>An answer with the secret that is wanted again is under way, or may still be: another one would make it worthless.</summary>
internal sealed class KeyUnderWayException() : Exception(
    "The answer to an earlier request for this secret is under way, or may still be. Send this one again: it then gets a secret if the other did not deliver its own.");
