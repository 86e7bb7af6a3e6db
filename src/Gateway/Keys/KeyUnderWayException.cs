namespace Gateway.Keys;

/// <summary>An answer with a secret of this key is under way, or may still be: another one would make it worthless.</summary>
internal sealed class KeyUnderWayException() : Exception(
    $"The answer to an earlier request for a secret of this key is under way, or may still be, for {KeyService.LongestAnswer.TotalSeconds} seconds at most. "
    + "Nothing was changed. Send this one again; under the same Idempotency-Key it then gets a secret if the other did not deliver its own.");
