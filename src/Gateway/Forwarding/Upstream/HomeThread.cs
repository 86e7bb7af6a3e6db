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
    private static int t_number; // from 1; 0: none yet

    private static int s_given;

    public static int Current
    {
        get
        {
            if (t_number == 0) t_number = HasHomes ? (Interlocked.Increment(ref s_given) % Most) + 1 : 1;
            return t_number - 1;
        }
    }
}
