using System.Text.Json;
using Forge.Cli.Hosting;

namespace Forge.Cli.Profiles;

/// <summary>The profiles in the configuration folder, in a file that its owner alone can read.</summary>
internal sealed class ProfileStore(Surroundings surroundings)
{
    private const UnixFileMode OfOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Where they are.</summary>
    public string File => Path.Combine(surroundings.ConfigurationFolder, "profiles.json");

    /// <summary>All of them.</summary>
    /// <exception cref="CliException">The file is broken, or others can read it.</exception>
    public ProfileDocument Read()
    {
        byte[] bytes;
        try
        {
            if (!OperatingSystem.IsWindows() && System.IO.File.Exists(File) && (System.IO.File.GetUnixFileMode(File) & OfOthers) != 0)
            {
                throw new CliException(
                    ExitCode.Refused, $"Others can read or write {File}, which holds keys.", $"Take that from them with `chmod 600 {File}`, and have the keys made anew.");
            }

            bytes = System.IO.File.ReadAllBytes(File);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return ProfileDocument.Empty;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, ProfilesJson.Default.ProfileDocument) is { Profiles: not null } document
                ? document
                : ProfileDocument.Empty;
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Usage, $"{File} is broken: {exception.Message}", "Mend it, or remove it and log in again.", exception);
        }
    }

    /// <summary>Writes all of them, so that either the old file is there or the new one.</summary>
    public void Write(ProfileDocument document)
    {
        if (OperatingSystem.IsWindows())
        {
            // The folder of a person's settings is that person's alone.
            Directory.CreateDirectory(surroundings.ConfigurationFolder);
        }
        else
        {
            Directory.CreateDirectory(surroundings.ConfigurationFolder, OfOwner | UnixFileMode.UserExecute);
        }

        var temporary = $"{File}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfOwner;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(stream, document, ProfilesJson.Default.ProfileDocument);
            }

            System.IO.File.Move(temporary, File, overwrite: true);
        }
        finally
        {
            System.IO.File.Delete(temporary);
        }
    }
}
