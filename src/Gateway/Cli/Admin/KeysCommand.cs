using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Keys;

namespace Gateway.Cli.Admin;

/// <summary><c>Gateway keys create | list | show | rotate | revoke</c>.</summary>
internal static class KeysCommand
{
    private static readonly string[] Columns = ["id", "status", "customerId", "name", "createdAt", "expiresAt"];

    public static Command Create(Option<string> config)
    {
        var json = new Option<bool>("--json") { Description = "The admin API's own answer.", Recursive = true };
        return new Command("keys", "Make, list, rotate and revoke API keys at the gateway that runs with this configuration.")
        {
            json, CreateKey(config, json), List(config, json), Show(config, json), Rotate(config, json), Revoke(config, json),
        };
    }

    private static Command CreateKey(Option<string> config, Option<bool> json)
    {
        var customer = new Option<string>("--customer") { Description = "The customer at Paygentic who pays, cus_….", Required = true };
        var name = new Option<string?>("--name") { Description = "For people." };
        var routes = new Option<string[]>("--route") { Description = "A route id it may use; may be given several times. All, when it is left out." };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When it ends, as in 2027-01-31T00:00:00Z. Never, when it is left out." };
        var perSecond = new Option<int?>("--requests-per-second") { Description = "Its limit on each node. None, when it is left out." };
        var atOnce = new Option<int?>("--max-concurrent") { Description = "Requests at the same time on each node. No limit, when it is left out." };
        var command = new Command("create", "Make a key. It is shown once.") { customer, name, routes, expires, perSecond, atOnce };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Post, "/keys",
            AdminCall.Body(
                ("customerId", parsed.GetValue(customer)), ("name", parsed.GetValue(name)),
                ("routes", parsed.GetValue(routes) is { Length: > 0 } some ? new JsonArray([.. some.Select(r => JsonValue.Create(r))]) : null),
                ("expiresAt", parsed.GetValue(expires)?.ToString("O", CultureInfo.InvariantCulture)),
                ("requestsPerSecond", parsed.GetValue(perSecond)), ("maxConcurrent", parsed.GetValue(atOnce))),
            Columns, token));
        return command;
    }

    private static Command List(Option<string> config, Option<bool> json)
    {
        var customer = new Option<string?>("--customer") { Description = "Only this customer's." };
        var command = new Command("list", "List the newest 100 keys, without their secrets.") { customer };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Get,
            parsed.GetValue(customer) is { } only ? $"/keys?customer={Uri.EscapeDataString(only)}" : "/keys", null, Columns, token));
        return command;
    }

    private static Command Show(Option<string> config, Option<bool> json) => OnKey(config, json, "show", "Show a key without its secret.", HttpMethod.Get, id => $"/keys/{id}");

    private static Command Revoke(Option<string> config, Option<bool> json) =>
        OnKey(config, json, "revoke", "Revoke a key: every node refuses it within a second.", HttpMethod.Delete, id => $"/keys/{id}");

    private static Command Rotate(Option<string> config, Option<bool> json)
    {
        var id = KeysId();
        var overlap = new Option<int>("--overlap") { Description = "Seconds that the old secret stays good.", DefaultValueFactory = _ => 3_600 };
        var command = new Command("rotate", "Give a key a new secret; the old one stays good for a while.") { id, overlap };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), HttpMethod.Post,
            string.Create(CultureInfo.InvariantCulture, $"/keys/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotation?overlapSeconds={parsed.GetValue(overlap)}"), null, Columns, token));
        return command;
    }

    private static Argument<string> KeysId() =>
        AdminCall.Id("The key's id: the middle part of it.", text => KeyId.TryParse(text, out _) ? null : KeyId.IsNone);

    private static Command OnKey(Option<string> config, Option<bool> json, string verb, string description, HttpMethod method, Func<string, string> path)
    {
        var id = KeysId();
        var command = new Command(verb, description) { id };
        command.SetAction((parsed, token) => AdminCall.RunAsync(
            parsed.GetValue(config)!, parsed.GetValue(json), method, path(Uri.EscapeDataString(parsed.GetValue(id)!)), null, Columns, token));
        return command;
    }
}
