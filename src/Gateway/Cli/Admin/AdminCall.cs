using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Admin;
using Gateway.Configuration;
using Spectre.Console;

namespace Gateway.Cli.Admin;

/// <summary>Asks the gateway that runs with a configuration to do something: what the verbs can do, the admin API can.</summary>
internal static class AdminCall
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>0: done. 1: refused. 2: the configuration can not be read, or nobody answers.</returns>
    public static async Task<int> RunAsync(
        string configPath, bool json, HttpMethod method, string path, JsonObject? body, string[] columns, CancellationToken cancellationToken)
    {
        AdminOptions admin;
        try
        {
            admin = ConfigurationServices.ReadAdmin(configPath);
        }
        catch (InvalidConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        if (admin.Token is null)
        {
            await Console.Error.WriteLineAsync("Gateway:Admin:Token is not set, so the gateway takes no orders. Set it, best by the environment variable Gateway__Admin__Token, and start the gateway again.");
            return 2;
        }

        using var http = new HttpClient { BaseAddress = new Uri(admin.Url), Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin.Token);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            var node = text.Length == 0 ? null : JsonNode.Parse(text);
            if (answer.IsSuccessStatusCode) Show(node, json, columns);
            else await Console.Error.WriteLineAsync(json ? text : Explain(node, (int)answer.StatusCode));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"No answer from {admin.Url}: {e.Message} Is the gateway running with this configuration?");
            return 2;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or none of the shapes that the admin API's answers have.
            await Console.Error.WriteLineAsync($"What answers at {admin.Url} is not the gateway: another server has its port, or it runs with another configuration.");
            return 2;
        }
    }

    /// <summary>An id that becomes part of the path. What is none must not get there: nothing, "." and "..", which no escaping keeps from being steps, lead to another page.</summary>
    /// <param name="description">Which one to give.</param>
    /// <param name="problem">What to say of a text that is none; null of one that is.</param>
    public static Argument<string> Id(string description, Func<string, string?> problem)
    {
        var id = new Argument<string>("id") { Description = description };
        id.Validators.Add(given =>
        {
            if (given.Tokens is [var one] && problem(one.Value) is { } text) given.AddError(text);
        });
        return id;
    }

    /// <summary>Leaves out what is null.</summary>
    public static JsonObject Body(params (string Name, JsonNode? Value)[] fields) =>
        new(fields.Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static void Show(JsonNode? node, bool json, string[] columns)
    {
        if (json || node is null)
        {
            Console.WriteLine(node?.ToJsonString(Indented) ?? "");
            return;
        }

        if (node is not JsonArray rows)
        {
            ShowFields(node.AsObject(), indent: "");
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns(columns);
        foreach (var row in rows) table.AddRow([.. columns.Select(c => Markup.Escape(Text(row?[c])))]);
        AnsiConsole.Write(table);
    }

    private static void ShowFields(JsonObject fields, string indent)
    {
        foreach (var (name, value) in fields)
        {
            if (value is JsonObject inner)
            {
                Console.WriteLine($"{indent}{name}:");
                ShowFields(inner, indent + "  ");
            }
            else if (value is not null and not JsonArray { Count: 0 })
            {
                Console.WriteLine($"{indent}{name}: {Text(value)}");
            }
        }
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(", ", list.Select(Text)),
        JsonObject other => other.ToJsonString(),
        _ => value.ToString(),
    };

    private static string Explain(JsonNode? problem, int status)
    {
        var lines = new List<string> { $"{status}: {problem?["detail"] ?? problem?["title"]}" };
        foreach (var (field, messages) in problem?["errors"]?.AsObject() ?? []) lines.Add($"  {field} {Text(messages)}");
        return string.Join(Environment.NewLine, lines);
    }
}
