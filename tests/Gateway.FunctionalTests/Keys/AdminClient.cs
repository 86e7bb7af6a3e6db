using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Keys;

/// <summary>Administration as an operator's program uses it.</summary>
internal sealed class AdminClient(Uri address) : IDisposable
{
    public const string Token = "demo_admin_token";

    public HttpClient Http { get; } = new()
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        Timeout = TimeSpan.FromSeconds(30),
    };

    public static object Customer(string email = "ada@example.com", string? externalId = null) => new
    {
        name = "Ada",
        email,
        address = new { country = "GB", zipCode = "NW1 6XE" },
        externalId,
    };

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await ReadAsync(await Http.SendAsync(request));
    }

    public async Task<(int Status, JsonNode Body)> GetAsync(string path) => await ReadAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)));

    public async Task<(int Status, JsonNode Body)> DeleteAsync(string path) => await ReadAsync(await Http.DeleteAsync(new Uri(path, UriKind.Relative)));

    public void Dispose() => Http.Dispose();

    private static async Task<(int, JsonNode)> ReadAsync(HttpResponseMessage answer)
    {
        using (answer) return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
