using System.Net.Http.Headers;
using System.Text;
using Gateway.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Kit;

/// <summary>The gateway in this process, as Program builds it.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningGateway(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
        Admin = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<AdminServer>().Address!) };
        Client = Clients.For(Address, World.Key);
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public HttpClient Admin { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningGateway> StartAsync(string configPath)
    {
        var app = GatewayHost.Build(configPath);
        await app.StartAsync();
        return new RunningGateway(app);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Admin.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

internal static class Clients
{
    public static HttpClient For(Uri address, string? key)
    {
        var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>What an admin port says of the node, ready or not.</summary>
    public static async Task<string> HealthAsync(this HttpClient admin)
    {
        using var answer = await admin.GetAsync("/readyz");
        return await answer.Content.ReadAsStringAsync();
    }

    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>Submits a program as a Judge0 client does and waits for its result.</summary>
    public static Task<HttpResponseMessage> SubmitAsync(this HttpClient client, string source, int language = 63, string stdin = "") =>
        client.PostAsync("/submissions?wait=true", Json(System.Text.Json.JsonSerializer.Serialize(
            new { source_code = source, language_id = language, stdin })));
}
