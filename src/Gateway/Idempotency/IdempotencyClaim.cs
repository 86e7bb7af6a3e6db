namespace Gateway.Idempotency;

/// <summary>A request under a key of its client's, from its beginning to its end.</summary>
/// <param name="claims">Who keeps it alive.</param>
/// <param name="name">The key's.</param>
/// <param name="receipt">The id under which it is, or was, charged.</param>
/// <param name="isRepeat">It was charged already.</param>
internal sealed class IdempotencyClaim(IdempotencyClaims claims, string name, Guid receipt, bool isRepeat)
{
    private bool _isCharged;
    private bool _isLeft;

    public string Name => name;

    public Guid Receipt => receipt;

    public bool IsRepeat => isRepeat;

    /// <summary>Its charge is journaled. Before the client can have the whole answer, so that who has it and sends the request again is charged nothing.</summary>
    public ValueTask ChargedAsync()
    {
        if (_isCharged) return ValueTask.CompletedTask;
        _isCharged = true;
        return claims.ChargedAsync(this);
    }

    /// <summary>Whether it is charged can not be told. The claim lapses, and the next request under the key is charged under the same receipt.</summary>
    public void Leave() => _isLeft = true;

    /// <summary>The request is over. One that cost nothing is forgotten.</summary>
    public ValueTask EndAsync() => isRepeat ? ValueTask.CompletedTask : claims.EndAsync(this, forget: !_isCharged && !_isLeft);
}
