using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

internal sealed partial class SessionChanges
{
    private static readonly PassedInsert<Keyed<StoredEffect>> SetEffects = Replacing(HistoryTables.Effects, "session_key, effect_key");

    private static readonly SqlStatement RemoveEffects = Of($"""
        DELETE FROM effects e USING unnest(@keys::bigint[], @effects::text[]) AS x (session_key, effect_key)
        WHERE e.session_key = x.session_key AND e.effect_key = x.effect_key AND {Passed}
        """);

    private static readonly SqlStatement MoveEffects = Of(MoveRows("effects", ""));

    private readonly List<Keyed<StoredEffect>> _effects = [];
    private readonly List<Keyed<string>> _removedEffects = [];

    public void Visit(EffectSet change) => _effects.Add(new(_key, change.Row));

    public void Visit(EffectsRemoved change) => _removedEffects.AddRange(change.Keys.Select(key => new Keyed<string>(_key, key)));

    private void AddEffects(NpgsqlBatch statements)
    {
        SetEffects.AddTo(statements, _batch, _effects);
        if (_removedEffects.Count > 0)
        {
            Add(
                statements,
                RemoveEffects,
                ("keys", _removedEffects.Select(e => e.Key).ToArray()),
                new SqlArgument("effects", p => p.List(SqlType.Text, _removedEffects.Select(e => e.Row).ToArray())));
        }
    }
}
