/** What a shell sources so that `kubectl-pitstop` completes by itself, without kubectl. */
export const shellScripts = {
  bash: `# bash completion for kubectl-pitstop; for one session: source <(kubectl-pitstop completion bash)
_kubectl_pitstop() {
  # Words are taken apart at spaces alone: bash would part them at = and : too.
  local line="\${COMP_LINE:0:COMP_POINT}" answer word directive typed
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  answer=$(kubectl-pitstop __complete "\${words[@]:1}" 2> /dev/null) || return
  directive=\${answer##*:}
  typed=\${words[\${#words[@]}-1]}
  [[ $typed == -*=* ]] && typed=\${typed#*=}
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    [[ $word != :* && $word == "$typed"* ]] && COMPREPLY+=("$word")
  done <<< "$answer"
  (( directive & 2 )) && compopt -o nospace 2> /dev/null
  (( directive & 4 )) || compopt -o default 2> /dev/null
}
complete -F _kubectl_pitstop kubectl-pitstop
`,
  zsh: `#compdef kubectl-pitstop
# zsh completion for kubectl-pitstop; for one session: source <(kubectl-pitstop completion zsh)
_kubectl-pitstop() {
  local -a answer offered options
  local line word tab=$'\\t'
  answer=("\${(@f)$(kubectl-pitstop __complete "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2> /dev/null)}")
  local -i directive=\${answer[-1]#:}
  for line in "\${(@)answer[1,-2]}"; do
    word=\${\${line%%$tab*}//:/\\\\:}
    [[ $line == *$tab* ]] && word+=:\${line#*$tab}
    offered+=("$word")
  done
  [[ $PREFIX == -*=* ]] && compset -P '*='
  (( directive & 2 )) && options=(-S '')
  (( \${#offered} )) && _describe kubectl-pitstop offered $options
  (( directive & 4 )) || _files
}
# What zsh finds on its fpath it runs as the function itself, on the first key.
if [[ \${funcstack[1]} == _kubectl-pitstop ]]; then
  _kubectl-pitstop "$@"
else
  compdef _kubectl-pitstop kubectl-pitstop
fi
`,
  fish: `# fish completion for kubectl-pitstop; for one session: kubectl-pitstop completion fish | source
# Asked once a key; where files are wanted nothing of ours applies, and fish offers them itself.
function __kubectl_pitstop_ask
  set -l words (commandline -opc) (commandline -ct)
  set -l answer (kubectl-pitstop __complete $words[2..-1] 2> /dev/null)
  set -l directive (string sub -s 2 -- $answer[-1])
  set -l flag (string match -r -- '^-.*=' $words[-1])
  set -g __kubectl_pitstop_words
  for line in $answer[1..-2]
    set -a __kubectl_pitstop_words "$flag$line"
  end
  test -n "$directive"; and test (math "bitand($directive, 4)") -ne 0
end
complete -c kubectl-pitstop -f -n __kubectl_pitstop_ask -a '$__kubectl_pitstop_words'
`,
} as const;
