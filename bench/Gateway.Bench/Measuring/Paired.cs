namespace Gateway.Bench.Measuring;

/// <summary>An arm against the control, round by round: what a noisy minute does to both does not count.</summary>
/// <param name="Ratios">The arm's figure over the control's in the same round.</param>
internal sealed record Paired(Spread Ratios, Spread Differences, int Higher)
{
    /// <summary>Null when the control is the arm itself or has no rounds in common with it.</summary>
    public static Paired? Of(IEnumerable<Sample> arm, IEnumerable<Sample> control, Func<Sample, double> figure)
    {
        var controls = control.ToDictionary(s => s.Round, figure);
        var pairs = arm.Where(s => controls.ContainsKey(s.Round)).Select(s => (Arm: figure(s), Control: controls[s.Round])).ToList();
        if (pairs.Count == 0) return null;
        return new Paired(new Spread(pairs.Select(p => p.Arm / p.Control)), new Spread(pairs.Select(p => p.Arm - p.Control)), pairs.Count(p => p.Arm > p.Control));
    }
}
