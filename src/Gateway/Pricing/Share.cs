namespace Gateway.Pricing;

/// <summary>How much of a meter an outcome costs.</summary>
internal enum Share
{
    Nothing,

    /// <summary>What grows while a request runs (time, bytes), up to where it ended; nothing for what is counted or fixed.</summary>
    Measured,

    /// <summary>As much as if the request had ended well there.</summary>
    Full,
}
