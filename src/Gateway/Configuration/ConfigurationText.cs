namespace Gateway.Configuration;

/// <param name="File">The configuration file's bytes.</param>
/// <param name="Ids">Those of the file of ids beside it; empty when there is none.</param>
internal sealed record ConfigurationText(byte[] File, byte[] Ids)
{
    public bool Equals(ConfigurationText? other) =>
        other is not null && File.AsSpan().SequenceEqual(other.File) && Ids.AsSpan().SequenceEqual(other.Ids);

    public override int GetHashCode() => HashCode.Combine(File.Length, Ids.Length);
}
