using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.Sessions;

namespace Forge.Grains.Settings;

internal sealed class SetSettingsHandler : ChangeHandler<SetSettings, SessionInfo>
{
    protected override long WeightOf(SetSettings change) => SessionChange.WeightOf([.. change.Settings.Labels.Keys, .. change.Settings.Labels.Values]);

    protected override SetSettings Check(SessionRules rules, SetSettings change) =>
        change with { Settings = rules.CheckSettings(change.Settings) };

    protected override async Task<Recalled<SessionInfo>> RecallAsync(
        LiveSession session, SetSettings change, RequestMemory memory) =>
        await session.RunAsync(new GetSession(), CancellationToken.None) is { } info
            ? new(true, info with { Settings = change.Settings })
            : default;

    protected override async Task<Step<SessionInfo>> DecideAsync(LiveSession session, SetSettings change, RequestMemory memory)
    {
        var text = SessionSettingsJson.Write(change.Settings);
        var retention = await session.Retention.ReadAsync(text);
        var now = session.Now;
        var decision = session.Engine.SetSettings(
            text, now, memory.Remember(now, true), retention.IsNothing ? null : session.Retention.Work(), AuthorityOf(change), session.WorkTime);
        return new(decision, () => SessionInfoReader.ToInfo(session.Address, session.Engine.Committed!) with
        {
            Settings = SessionSettingsJson.Read(text),
        });
    }
}
