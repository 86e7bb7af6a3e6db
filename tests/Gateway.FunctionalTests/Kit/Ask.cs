using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Kit;

/// <summary>JSON sent and read.</summary>
internal static class Ask
{
    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient client, string path, string body) => client.PostAsync(path, Clients.Json(body));

    public static Task<HttpResponseMessage> PutJsonAsync(this HttpClient client, string path, string body) => client.PutAsync(path, Clients.Json(body));

    public static async Task<JsonNode> JsonAsync(this HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonNode>())!;

    public static async Task<JsonNode> GetJsonAsync(this HttpClient client, string path) => (await client.GetFromJsonAsync<JsonNode>(path))!;

    public static Task<HttpResponseMessage> GetAnswerAsync(this HttpClient client, string path) => client.GetAsync(path);

    public static Task<string> TextAsync(this HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();
}
