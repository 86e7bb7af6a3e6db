namespace Gateway.Forwarding.Upstream;

/// <summary>
/// When a thread without an idle connection of its own opens one though others have some: one time in a few, until each has enough. A request that changes
/// threads wakes the other one up, and that costs more than all the gateway does with it. Not thread-safe.
/// </summary>
internal struct HomeGrowth
{
    /// <summary>Connections for each that was ever in use at the same time as others.</summary>
    public const int MostForEach = 2;

    public const int StraysForOne = 8;

    private int _mostInUse;
    private int _strays;

    /// <summary>Before one is taken.</summary>
    /// <param name="inUse">Connections in use, or being opened.</param>
    public void Taking(int inUse) => _mostInUse = Math.Max(_mostInUse, inUse + 1);

    /// <summary>There is one, but at home elsewhere.</summary>
    /// <param name="open">Connections there are.</param>
    /// <param name="limit">How many there may be.</param>
    public bool Opens(int open, int limit) => ++_strays % StraysForOne == 0 && open < limit && open < MostForEach * _mostInUse;
}
