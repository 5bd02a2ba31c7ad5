using Forge.Errors;
using Forge.History.Encryption;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Encryption;

/// <summary>The settings of encryption, and where the wrapping keys come from.</summary>
public sealed class EncryptionOptionsTests
{
    private static readonly string Key = Convert.ToBase64String(TestKeys.KeyOf("a"));

    [Fact]
    public void Validate_Defaults_AreTaken() => Assert.True(new EncryptionOptionsValidator().Validate(null, new()).Succeeded);

    [Theory]
    [InlineData("c2hvcnQ=")]
    [InlineData("neither/one")]
    [InlineData("")]
    public void Validate_KeyThatIsNone_IsRefusedAndNotTold(string key)
    {
        var result = new EncryptionOptionsValidator().Validate(null, new EncryptionOptions { Keys = { Key, key } });

        var failure = Assert.Single(result.Failures!);
        Assert.Contains("Forge:Encryption:Keys:1 is no base64 of 32 bytes", failure, StringComparison.Ordinal);
        Assert.True(key.Length == 0 || !failure.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_KeysBesideAFileAndAnIntervalThatIsNone_AreRefused()
    {
        var result = new EncryptionOptionsValidator().Validate(
            null, new EncryptionOptions { Keys = { Key }, KeyFile = "keys", CheckInterval = TimeSpan.Zero, Mode = (EncryptionMode)7 });

        Assert.Equal(3, result.Failures!.Count());
    }

    [Fact]
    public void Find_OnWithoutAKey_IsRefused()
    {
        var error = Assert.Throws<OptionsValidationException>(() => WrappingKeys.Find(new EncryptionOptions { Mode = EncryptionMode.On }, null));

        Assert.Contains("Forge:Encryption:KeyFile", error.Message, StringComparison.Ordinal);
        Assert.Null(WrappingKeys.Find(new EncryptionOptions(), null));
    }

    [Theory]
    [InlineData("missing", null, "cannot be read")]
    [InlineData("keys", "# none\n\n", "has no key")]
    [InlineData("keys", "# next\nc2hvcnQ=\n", "line 2")]
    public void Find_FileThatIsNone_IsRefused(string name, string? text, string problem)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, name);
        if (text is not null)
        {
            File.WriteAllText(file, text);
        }

        var error = Assert.Throws<OptionsValidationException>(() => WrappingKeys.Find(new EncryptionOptions { KeyFile = file }, null));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_FileWithKeys_WrapsByTheFirstAndUnwrapsByAllForTheirTenantAlone()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "keys");
        await File.WriteAllTextAsync(
            file, $"# new, then old\n{Convert.ToBase64String(TestKeys.KeyOf("b"))}\n\n {Key} \n", TestContext.Current.CancellationToken);
        var (old, both) = (new ConfiguredKeys([TestKeys.KeyOf("a")]), WrappingKeys.Find(new EncryptionOptions { KeyFile = file }, null)!);
        var dataKey = TestKeys.KeyOf("data");

        var wrapped = await old.WrapAsync("t", dataKey, TestContext.Current.CancellationToken);

        Assert.Equal(dataKey, await both.UnwrapAsync("t", wrapped, TestContext.Current.CancellationToken));
        Assert.Null(await both.UnwrapAsync("other", wrapped, TestContext.Current.CancellationToken));
        var anew = await both.WrapAsync("t", dataKey, TestContext.Current.CancellationToken);
        Assert.Equal(ConfiguredKeys.NameOf(TestKeys.KeyOf("b")), anew.WrappingKey);
        Assert.Null(await old.UnwrapAsync("t", anew, TestContext.Current.CancellationToken));
        Assert.Equal(-1, wrapped.Bytes.Span.IndexOf(dataKey));
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("names nothing")]
    [InlineData("short")]
    [InlineData("times out")]
    public async Task Find_ProviderThatFails_IsUnavailable(string how)
    {
        var provider = WrappingKeys.Find(new EncryptionOptions { Mode = EncryptionMode.On }, new FailingKeys(how))!;

        var error = await Assert.ThrowsAsync<UnavailableException>(async () =>
        {
            _ = how == "short"
                ? await provider.UnwrapAsync("t", new WrappedKey("k", new byte[1]), TestContext.Current.CancellationToken)
                : (object)await provider.WrapAsync("t", new byte[32], TestContext.Current.CancellationToken);
        });
        Assert.NotNull(error.InnerException);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Find_ProviderThatHangs_IsUnavailableInTimeAndLeavesWhoGaveUpAlone(bool holdsTheThread)
    {
        var (time, hanging) = (new FakeTimeProvider(), new HangingKeys(holdsTheThread));
        var provider = WrappingKeys.Find(new EncryptionOptions { Mode = EncryptionMode.On }, hanging, time)!;
        var late = provider.WrapAsync("t", new byte[32], TestContext.Current.CancellationToken).AsTask();
        using var givesUp = new CancellationTokenSource();
        var left = provider.UnwrapAsync("t", new WrappedKey("k", new byte[1]), givesUp.Token).AsTask();

        await givesUp.CancelAsync();
        time.Advance(GuardedKeys.MostTime);

        var error = await Assert.ThrowsAsync<UnavailableException>(() => late);
        Assert.Contains("5 s", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        hanging.Release();
    }

    private sealed class HangingKeys(bool holdsTheThread) : IKeyProvider
    {
        private readonly TaskCompletionSource _released = new();

        public void Release() => _released.SetResult();

        public async ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
        {
            await HangAsync();
            return new WrappedKey("k", new byte[1]);
        }

        public async ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken)
        {
            await HangAsync();
            return null;
        }

        private async Task HangAsync()
        {
            if (holdsTheThread)
            {
                ((IAsyncResult)_released.Task).AsyncWaitHandle.WaitOne();
            }

            await _released.Task;
        }
    }

    private sealed class FailingKeys(string how) : IKeyProvider
    {
        public ValueTask<WrappedKey> WrapAsync(string tenant, ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken) =>
            how == "throws" ? throw new IOException("away")
            : how == "times out" ? throw new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.")
            : ValueTask.FromResult(new WrappedKey("", new byte[1]));

        public ValueTask<byte[]?> UnwrapAsync(string tenant, WrappedKey wrapped, CancellationToken cancellationToken) =>
            ValueTask.FromResult<byte[]?>(new byte[16]);
    }
}
