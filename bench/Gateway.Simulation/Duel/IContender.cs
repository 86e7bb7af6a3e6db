namespace Gateway.Simulation.Duel;

/// <summary>One node under one admission rule.</summary>
internal interface IContender
{
    void Start();

    /// <summary>kill -9: what is only in memory is gone.</summary>
    void Kill();

    /// <summary>A request arrives; its upstream, should it be forwarded, takes this long.</summary>
    void Handle(int customer, TimeSpan upstream);

    /// <summary>An orderly end.</summary>
    void Drain();
}
