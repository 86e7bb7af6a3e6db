namespace Gateway.Configuration;

/// <summary>
/// Holds the last valid content of the file. An edit is checked as a whole, with the environment over it, before anything of it is seen by
/// anybody: first by our own rules, then by YARP.
/// </summary>
internal sealed class CheckedJsonConfigurationProvider(CheckedJsonConfigurationSource source) : IndexedConfigurationProvider
{
    private readonly Lock _polling = new();
    private ConfigurationText? _handled;
    private ConfigurationText? _lastSeen;
    private bool _missing;

    /// <summary>The first reading, at start.</summary>
    /// <exception cref="InvalidConfigurationException">The file is missing, not JSON, or not valid.</exception>
    public override void Load()
    {
        var text = ConfigurationFile.TryRead(source.FilePath)
            ?? throw new InvalidConfigurationException([new ConfigurationError("$", $"the file {source.FilePath} cannot be read")]);
        _lastSeen = _handled = text;
        var outcome = TryApply(text);
        if (!outcome.IsApplied) throw new InvalidConfigurationException(outcome.Errors);
    }

    /// <summary>
    /// Looks at the file. Reading it whole costs microseconds and finds every kind of edit: in place, by rename, by a symbolic link that
    /// moves, or within the clock's granularity. An edit counts once two looks agree, so that one half written is not taken for it.
    /// </summary>
    /// <returns>Null when there is nothing new.</returns>
    public ReloadOutcome? Poll()
    {
        lock (_polling)
        {
            var text = ConfigurationFile.TryRead(source.FilePath);
            var settled = text == _lastSeen;
            _lastSeen = text;
            if (!settled) return null;
            if (text is null) return Missing();

            _missing = false;
            if (text == _handled) return null;

            _handled = text;
            var outcome = TryApply(text);
            if (outcome.IsApplied) OnReload();
            return outcome;
        }
    }

    private ReloadOutcome? Missing()
    {
        if (_missing) return null;

        _missing = true; // said once
        return new ReloadOutcome([new ConfigurationError("$", $"the file {source.FilePath} cannot be read")], []);
    }

    private ReloadOutcome TryApply(ConfigurationText text)
    {
        if (ConfigurationFile.Parse(text, out var error) is not { } data) return new ReloadOutcome([error!], []);

        var composed = ConfigurationFile.Compose(data, source.Environment);
        using var disposal = composed as IDisposable;
        var result = GatewayConfiguration.Validate(composed);
        if (!result.IsValid) return new ReloadOutcome(result.Errors, []);

        IReadOnlyList<string> waiting = [];
        var next = source.Current.IsLoaded ? RestartOnly.Keep(source.Current.Snapshot, result.Snapshot, out waiting) : result.Snapshot;
        source.Current.Swap(next); // before Data, which is what YARP reads
        Data = data;
        return new ReloadOutcome([], waiting);
    }
}
