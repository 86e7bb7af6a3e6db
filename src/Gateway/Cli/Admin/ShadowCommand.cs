using System.CommandLine;

namespace Gateway.Cli.Admin;

/// <summary><c>Gateway shadow report | reset</c>.</summary>
internal static class ShadowCommand
{
    private static readonly string[] Columns = ["route", "customer", "requests", "allowed", "refused", "charged"];

    public static Command Create(Option<string> config)
    {
        var json = new Option<bool>("--json") { Description = "The admin API's own answer.", Recursive = true };
        var report = new Command("report", "Say who would have been refused and who charged with what, on all nodes. No customer: requests without a valid key.");
        report.SetAction((parsed, token) => AdminCall.RunAsync(parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Get, "/shadow", null, Columns, token));
        var reset = new Command("reset", "Begin the report anew.");
        reset.SetAction((parsed, token) => AdminCall.RunAsync(parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Delete, "/shadow", null, Columns, token));
        return new Command("shadow", "What routes with \"Mode\": \"Shadow\" would have done, asked of the gateway that runs with this configuration.") { json, report, reset };
    }
}
