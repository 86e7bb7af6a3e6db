using System.Text.Json.Serialization;
using Gateway.Model;

namespace Gateway.Jobs;

/// <summary>A job whose result nobody has seen yet, as it is kept in Redis.</summary>
/// <param name="Customer">Who submitted it.</param>
/// <param name="Route">The route by which.</param>
/// <param name="Job">Its name in the configuration.</param>
/// <param name="Token">What the API calls it.</param>
internal sealed record JobRecord(string Customer, string Route, string Job, string Token)
{
    [JsonIgnore]
    public CustomerId CustomerId => new(Customer);
}

/// <summary>Refuses a record without one of its parts: it is a later version's, and half of it is nobody's charge.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JobRecord))]
internal sealed partial class JobJson : JsonSerializerContext;
