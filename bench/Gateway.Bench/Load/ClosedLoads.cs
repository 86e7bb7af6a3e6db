namespace Gateway.Bench.Load;

/// <summary>Which closed loop takes part.</summary>
internal static class ClosedLoads
{
    private static readonly IClosedLoad Own = new SocketClosedLoad();

    /// <summary>The same for all targets of a comparison. Throws <see cref="ArgumentException"/> for what can not be had.</summary>
    /// <param name="wanted"><c>auto</c>: wrk, where there is one and the targets are simple enough for it, else our own.</param>
    /// <param name="targets">Of one comparison.</param>
    /// <param name="duration">wrk measures whole seconds.</param>
    public static IClosedLoad Choose(string wanted, IEnumerable<Target> targets, TimeSpan duration)
    {
        var isSimple = targets.All(t => t.Plan.IsSingle && t.Addresses.Count == 1);
        return wanted switch
        {
            "own" => Own,
            "auto" => isSimple && duration >= TimeSpan.FromSeconds(1) && WrkLoad.Find() is { } wrk ? wrk : Own,
            "wrk" => Simple(WrkLoad.Find(), wanted, isSimple),
            "h2load" => Simple(H2Load.Find(), wanted, isSimple),
            _ => throw new ArgumentException($"There is no load '{wanted}'; there are auto, own, wrk, h2load."),
        };
    }

    private static IClosedLoad Simple(IClosedLoad? load, string name, bool isSimple) =>
        load is null ? throw new ArgumentException($"{name} is not installed.")
        : isSimple ? load
        : throw new ArgumentException($"{name} asks for one path with one key at one address; this needs the load 'own'.");
}
