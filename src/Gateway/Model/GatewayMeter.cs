namespace Gateway.Model;

/// <summary>The one meter that all instruments belong to.</summary>
internal static class GatewayMeter
{
    public const string Name = "Gateway.Metering";
}
