namespace Gateway.Forwarding.Upstream;

/// <summary>
/// A small number for the thread that runs. Where what has arrived is dealt with on the thread that heard of it, each socket has such a thread for life, its
/// home; where it is not, all are at home everywhere.
/// </summary>
internal static class HomeThread
{
    /// <summary>More than there are threads that wait for sockets on all but the largest machines; there some share a number.</summary>
    public const int Most = 64;

    private static readonly bool HasHomes = Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";

    [ThreadStatic]
    private static int _number; // from 1; 0: none yet

    private static int _given;

    public static int Current
    {
        get
        {
            if (_number == 0) _number = HasHomes ? (Interlocked.Increment(ref _given) % Most) + 1 : 1;
            return _number - 1;
        }
    }
}
