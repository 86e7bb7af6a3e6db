using System.Text;

namespace Gateway.Model;

/// <summary>What a header's value says. It is held as Latin-1, a character for each byte; a configuration is text, and people send text as UTF-8.</summary>
internal static class HeaderText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes read as UTF-8, where they are that.</summary>
    public static string Of(string value)
    {
        if (Ascii.IsValid(value)) return value;
        try
        {
            return Strict.GetString(Encoding.Latin1.GetBytes(value));
        }
        catch (DecoderFallbackException)
        {
            return value;
        }
    }
}
