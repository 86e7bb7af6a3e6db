using System.Security.Cryptography;
using System.Text;
using Gateway.Model;

namespace Gateway.Jobs;

/// <summary>The id under which a job's result is settled: it follows from the job and the metric, so that whoever charges it charges the same thing.</summary>
internal static class JobId
{
    public static Guid Of(string job, string token, MetricName metric)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{job}\0{token}\0{metric.Value}"), hash);
        (hash[6], hash[8]) = ((byte)((hash[6] & 0x0F) | 0x80), (byte)((hash[8] & 0x3F) | 0x80)); // version 8: made by rules of one's own
        return new Guid(hash[..16], bigEndian: true);
    }
}
