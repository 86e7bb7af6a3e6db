namespace Gateway.Shadow;

/// <summary>One figure of the report.</summary>
/// <param name="Route">YARP's route id.</param>
/// <param name="Customer">"" when nobody knows whose request it was.</param>
/// <param name="Kind"><see cref="Requests"/> or <see cref="Units"/>.</param>
/// <param name="Name">A verdict, or a metric.</param>
internal readonly record struct ShadowLine(string Route, string Customer, string Kind, string Name)
{
    public const string Requests = "requests";
    public const string Units = "units";

    /// <summary>Customers that there was no room for.</summary>
    public const string Others = "(others)";

    private const char Separator = '\n'; // in no id and no name

    public override string ToString() => string.Join(Separator, Route, Customer, Kind, Name);

    public static ShadowLine? Parse(string text) =>
        text.Split(Separator) is [var route, var customer, var kind, var name] ? new ShadowLine(route, customer, kind, name) : null;
}
