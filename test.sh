#!/bin/bash
# Builds everything and runs all tests. Arguments go to 'dotnet test', for example: ./test.sh --filter Doctor
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if some test ran and none failed.
set -uo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" || exit 3
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# A test that hangs is killed and counts as failed.
hang_limit=${PCIEFABRIC_TEST_HANG_LIMIT:-20m}

passed=0 failed=0 skipped=0

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 && $passed -gt 0 ]]
    exit
}

if ! command -v dotnet >/dev/null; then
    echo "test.sh: there is no 'dotnet' in PATH (get the .NET 10 SDK from https://dot.net/download)" >&2
    failed=1 finish
fi

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

# The lock that ./pciefabric builds under; closed for the compiler, whose servers may outlive this script.
exec 9>artifacts/build.lock
flock 9
echo "== build"
if ! dotnet build PcieFabric.sln -c Release -v q --nologo -p:UseSharedCompilation=false </dev/null >artifacts/build.log 2>&1 9>&-; then
    sort -u artifacts/build.log
    echo "test.sh: the build failed, so no test could run" >&2
    failed=1 finish
fi
exec 9>&-

# One attribute of the <Counters> element of a TRX file; 0 where there is none.
counter() {
    local value
    value=$(grep -o "<Counters [^>]*" "$2" | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+')
    echo "${value:-0}"
}

# "name: reason" of every skipped test of a TRX file.
skips() {
    tr -d '\r' <"$1" | tr '\n' ' ' | sed 's/<UnitTestResult /\n&/g; s/<\/Results>/\n/g' | grep 'outcome="NotExecuted"' |
        sed -E 's/.* testName="([^"]*)".*/\1\t&/; s/\t.*<Message>(.*)<\/Message>.*/: \1/; s/\t.*//' |
        sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'\''/g; s/&amp;/\&/g'
}

# Guests are built once, which takes minutes and is to be seen. A filter may have no use for them; tests that do build them silently then.
if [[ $# -eq 0 ]]; then
    echo "== guest kit"
    tests/Guests/kit/provide >/dev/null </dev/null || echo "test.sh: tests that need a guest will be skipped" >&2
fi

reasons=()
for project in tests/*/*.Tests.csproj; do
    name=$(basename "$project" .csproj)
    trx=$results/$name.trx
    echo "== $name"
    dotnet test "$project" -c Release --no-build --nologo --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
        --blame-hang-timeout "$hang_limit" --blame-hang-dump-type none "$@" </dev/null 2>&1 |
        grep -vE "^(Test run for|A total of|Data collector 'Blame' message: All|Results File:|Additionally, path|\[xUnit|$)"
    code=${PIPESTATUS[0]}
    failures=0
    if [[ -f $trx ]]; then
        failures=$(counter failed "$trx")
        executed=$(counter executed "$trx")
        passed=$((passed + $(counter passed "$trx")))
        skipped=$((skipped + $(counter total "$trx") - executed))
        while IFS= read -r line; do reasons+=("$line"); done < <(skips "$trx")
    fi
    if [[ $code -ne 0 && $failures -eq 0 ]]; then
        echo "test.sh: $name ended with code $code and named no failed test: its host crashed or hung, which counts as one failure" >&2
        failures=1
    fi
    failed=$((failed + failures))
done

echo
if [[ ${#reasons[@]} -gt 0 ]]; then
    echo "Skipped:"
    printf '  %s\n' "${reasons[@]}"
fi
finish
