namespace Forge.Silo.Hosting;

/// <summary>What the command <c>key</c> may be told.</summary>
internal static class KeyCommandLine
{
    public const string Usage = """
        Forge.Silo key create --name NAME [--tenant TENANT] [--scopes read,write,admin] [--ends TIME or DURATION]
        Forge.Silo key list [--tenant TENANT]
        Forge.Silo key revoke ID [--tenant TENANT]
        The settings of the silo say which database it is, as --Forge:Data or --ConnectionStrings:Forge.
        """;

    private static readonly HostCommandLine.Forms Forms = new(
        Usage,
        new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["create"] = ["name", "tenant", "scopes", "ends"],
            ["list"] = ["tenant"],
            ["revoke"] = ["tenant"],
        },
        VerbWithId: "revoke");

    /// <summary>Reads it.</summary>
    /// <param name="args">What stands behind <c>key</c>.</param>
    /// <exception cref="FormatException">It is none; the message says how one is.</exception>
    public static HostCommandLine Parse(string[] args) => HostCommandLine.Parse(args, Forms);
}
