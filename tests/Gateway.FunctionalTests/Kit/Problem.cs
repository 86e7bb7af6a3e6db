using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.FunctionalTests.Kit;

internal static class Problem
{
    public static async Task<JsonNode> AssertAsync(HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal("urn:metering-gateway:problem:" + type, problem["type"]!.GetValue<string>());
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        Assert.NotEmpty(problem["requestId"]!.GetValue<string>());
        return problem;
    }
}
