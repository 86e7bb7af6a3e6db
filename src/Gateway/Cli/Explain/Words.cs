using System.Globalization;
using Gateway.Model;
using Gateway.Pricing;

namespace Gateway.Cli.Explain;

/// <summary>Quantities and outcomes in words.</summary>
internal static class Words
{
    public static string Count(long count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>With its fraction.</summary>
    public static string Amount(long microUnits, string noun) => $"{MicroUnit.Text(microUnits)} {noun}{(microUnits == MicroUnit.PerUnit ? "" : "s")}";

    public static string Of(Outcome outcome) => outcome switch
    {
        Outcome.Answered => "the answer came whole",
        Outcome.UpstreamRefused => "the upstream refuses the connection",
        Outcome.UpstreamTimeout => "the upstream is silent",
        Outcome.UpstreamReset => "the upstream breaks off before its headers",
        Outcome.UpstreamBroken => "the upstream breaks off its answer",
        Outcome.ClientGoneSending => "the client leaves before its request is whole",
        Outcome.ClientGoneWaiting => "the client leaves before the headers",
        Outcome.ClientGoneReading => "the client leaves before the answer is whole",
        Outcome.GatewayTimeout => "the route's Timeout is over",
        Outcome.Draining => "the gateway stops, and the time is over",
        Outcome.FundsEnded => "the funds end while the answer runs",
        Outcome.BillingUndecided => "billing does not decide while the answer runs",
        _ => "not recorded",
    };
}
