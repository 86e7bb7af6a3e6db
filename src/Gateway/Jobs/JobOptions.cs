namespace Gateway.Jobs;

/// <summary>Jobs of the API behind the gateway: submitted by one request, their result fetched by another.</summary>
internal sealed class JobOptions
{
    /// <summary>Where an answer's JSON names the job, such as <c>$.token</c>; relative to the element where a meter has <c>Items</c>. Default <c>$.token</c>.</summary>
    public string Token { get; set; } = "$.token";

    /// <summary>The path parameter that names the job where its result is fetched; a route without it submits jobs. Default <c>token</c>.</summary>
    public string Parameter { get; set; } = "token";

    /// <summary>Where an answer's JSON has the job's status. Default <c>$.status.id</c>, Judge0's.</summary>
    public string Status { get; set; } = "$.status.id";

    /// <summary>Statuses of jobs that have no result yet. Default <c>1</c> and <c>2</c>, Judge0's.</summary>
    public List<string> Running { get; set; } = [];

    /// <summary>Seconds after which a job is charged whose result nobody fetched: 60 to 604,800. Default 3,600.</summary>
    public int SettleAfterSeconds { get; set; } = 3600;

    /// <summary>Days that it is known that a job was charged; its result costs nothing in that time. 1 to 365. Default 30.</summary>
    public int RememberDays { get; set; } = 30;

    /// <summary>What <see cref="Running"/> is where it is left out.</summary>
    public static IReadOnlyList<string> DefaultRunning { get; } = ["1", "2"];
}
